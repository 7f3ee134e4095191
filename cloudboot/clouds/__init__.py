"""What single clouds want beyond a question and an answer: exchanges with a host, reports, keys of their own.

A datasource that needs more than its one file has the rest here.
"""
