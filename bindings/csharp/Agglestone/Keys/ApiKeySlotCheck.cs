namespace Agglestone;

/// <summary>What the service says of one key.</summary>
/// <param name="Fingerprint">First 8 hex digits of the key's SHA-256.</param>
/// <param name="Accepted">Whether the service takes it.</param>
/// <param name="Status">The HTTP status it answered.</param>
public sealed record ApiKeySlotCheck(string Fingerprint, bool Accepted, int Status);
