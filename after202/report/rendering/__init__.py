"""The renderings of the sections: HTML, Markdown and a terminal, all from the same blocks."""
