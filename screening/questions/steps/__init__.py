"""The words of the questions, one file a step."""
