"""What network devices say of themselves, as facts: pure, from the text that they show."""
