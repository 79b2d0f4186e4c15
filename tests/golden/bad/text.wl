Some text, which is no archive.
