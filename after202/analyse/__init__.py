"""The analysing half: from folders of raw events to tables, verdicts, charts and a report."""
