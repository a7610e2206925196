"""Evidence: the figures that Pratique promises, measured on the code as it is.

A topic lists its figures with their goals; `./run evidence TOPIC` measures them, prints a line for
each and says which is short. Speeds are ratios of two things done in turn in one run.
"""
