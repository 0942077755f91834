using System;

namespace Agglestone;

/// <summary>What a client did with its keys: what an operator reads before retiring one.</summary>
/// <param name="Primary">The primary key; null before a source has given one.</param>
/// <param name="Secondary">The secondary key; null when there is none.</param>
/// <param name="Failovers">How often a refused key made the other one the key in use.</param>
/// <param name="Replacements">How often the keys were replaced.</param>
public sealed record ApiKeyUsage(ApiKeySlotUsage? Primary, ApiKeySlotUsage? Secondary, long Failovers, long Replacements);

/// <summary>What a client did with one key since it has it.</summary>
/// <param name="Fingerprint">First 8 hex digits of the key's SHA-256.</param>
/// <param name="Active">Whether new calls use it.</param>
/// <param name="Requests">Requests sent with it.</param>
/// <param name="Refusals">How many of them the service refused with 401.</param>
/// <param name="FirstUsed">First use; null for never.</param>
/// <param name="LastUsed">Last use; null for never.</param>
public sealed record ApiKeySlotUsage(
    string Fingerprint, bool Active, long Requests, long Refusals, DateTimeOffset? FirstUsed, DateTimeOffset? LastUsed);

/// <summary>What the service says of each key.</summary>
/// <param name="Primary">The primary key.</param>
/// <param name="Secondary">The secondary key; null when there is none.</param>
public sealed record ApiKeyCheck(ApiKeySlotCheck Primary, ApiKeySlotCheck? Secondary);

/// <summary>What the service says of one key.</summary>
/// <param name="Fingerprint">First 8 hex digits of the key's SHA-256.</param>
/// <param name="Accepted">Whether the service takes it.</param>
/// <param name="Status">The HTTP status it answered.</param>
public sealed record ApiKeySlotCheck(string Fingerprint, bool Accepted, int Status);
