using System;

namespace Agglestone;

/// <summary>What a client did with one key since it has it.</summary>
/// <param name="Fingerprint">First 8 hex digits of the key's SHA-256.</param>
/// <param name="Active">Whether new calls use it.</param>
/// <param name="Requests">Requests sent with it.</param>
/// <param name="Refusals">How many of them the service refused with 401.</param>
/// <param name="FirstUsed">First use; null for never.</param>
/// <param name="LastUsed">Last use; null for never.</param>
public sealed record ApiKeySlotUsage(
    string Fingerprint, bool Active, long Requests, long Refusals, DateTimeOffset? FirstUsed, DateTimeOffset? LastUsed);
