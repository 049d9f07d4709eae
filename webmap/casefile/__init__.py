"""One event, one file (一事一档): everything that happened, as a ZIP that can be checked offline and as a PDF to print."""
