"""What the application promises when things break, measured against the real processes.

Each module is one claim: `python -m bench.reliability.NAME [--database sqlite|postgresql]`. It keeps its own ledger of
what was acknowledged, asserts that there were successes to lose, and ends with status 1 on the slightest loss.
"""
