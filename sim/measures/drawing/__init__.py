"""Pictures of measures that take more than a page to draw."""
