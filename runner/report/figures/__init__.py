"""What a report says, in figures: counted from ledger and snapshot, without a word of layout."""
