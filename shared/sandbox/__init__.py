"""Reads files of unknown origin in a child process with limits: `parent` starts and controls it, `child` runs in it.

What is read there is a function of the repository, named as `module:function`: it is given an order and the chunks of the file
as they come, and yields messages; all of them are bytes. The child has no environment, no database, no file it could write, and
of memory and processor what its limits say. Whatever kills it is a problem of that one request.
"""
