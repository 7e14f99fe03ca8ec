"""Printers: their queues on print servers, their test pages, what they have printed."""
