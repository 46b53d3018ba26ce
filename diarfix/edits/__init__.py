"""What a document's labels may undergo: repaired, heard again, renamed; one file or many."""
