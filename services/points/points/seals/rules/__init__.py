"""What is sealed, byte for byte, and how hashes make trees and chains. Pure."""
