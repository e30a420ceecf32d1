"""Any OZmap read as a flat reply: what people write a Google Apps Script for, as a file of configuration."""
