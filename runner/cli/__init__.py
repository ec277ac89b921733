"""One file a verb: options, one call, print."""
