"""Fills in the layouts that a profile leaves to the machine."""

from after202.records.experiment import Layout
from after202.records.parts import CapacitySearch, ComparisonPlan
from after202.records.profile import Profile


def filled_in(profile: Profile, usual: Layout) -> Profile:
    """Return the profile with the usual layout wherever it names none.

    A share of an arm's own capacity has the layout in which that capacity is searched for.
    """
    capacity = profile.capacity and _searched(profile.capacity, usual)
    searched = (capacity and capacity.layout) or usual
    compared = tuple(_compared(comparison, usual, searched) for comparison in profile.comparison)
    return profile.model_copy(update={"capacity": capacity, "comparison": compared})


def _searched(capacity: CapacitySearch, usual: Layout) -> CapacitySearch:
    return capacity.model_copy(update={"layout": capacity.layout or usual})


def _compared(comparison: ComparisonPlan, usual: Layout, searched: Layout) -> ComparisonPlan:
    layout = usual if comparison.share_of_own_capacity is None else searched
    return comparison.model_copy(update={"layouts": comparison.layouts or (layout,)})
