"""Measures this machine: the import, the pages and a saved review, each beside the least the work could cost.

python -m tests.bench [--rows 83400] [--quick]
"""
