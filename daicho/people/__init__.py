"""People: what personnel says of them, how their accounts are to be called and to look, and from which day.

Pure: it reads files of movements and answers with dated steps. It knows no directory.
"""
