"""The back-test: an old year played again under other rules. No request function imports it."""
