"""Cases, answers and findings as tables for a spreadsheet or a statistics program, streamed. No names: a reference."""
