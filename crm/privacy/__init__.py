"""What the law gives people: erasing a person, and everything that is held on them as one file."""
