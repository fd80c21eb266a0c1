"""Time: from contact to case to answer."""
