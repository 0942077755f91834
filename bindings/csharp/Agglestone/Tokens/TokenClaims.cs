using System;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Diagnostics;
using System.Text.Json;

using Agglestone.Native;

namespace Agglestone;

/// <summary>What a verified token says.</summary>
[DebuggerDisplay("{ToString(),nq}")]
public sealed class TokenClaims
{
    /// <summary>The user that the token represents: its claim <c>userId</c>, or else <c>sub</c>.</summary>
    public string UserId { get; init; } = "";

    /// <summary>The groups that the user is in; empty when the token names none.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>When the token expires.</summary>
    public DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Every other claim by its name, such as <c>iss</c>, <c>tenantId</c> and <c>exp</c>, as the token has it.</summary>
    public IReadOnlyDictionary<string, JsonElement> Extra { get; init; } = ReadOnlyDictionary<string, JsonElement>.Empty;

    /// <summary>The user alone: the other claims may be personal.</summary>
    public override string ToString() => $"TokenClaims of {UserId}";

    internal static TokenClaims Read(Reply reply)
    {
        var reader = new Utf8JsonReader(reply.Body, new JsonReaderOptions { MaxDepth = AgglestoneJson.MaxDepth });
        var claims = JsonElement.ParseValue(ref reader);
        var groups = new List<string>();
        foreach (var group in claims.GetProperty("groups").EnumerateArray())
        {
            groups.Add(group.GetString()!);
        }

        var extra = new Dictionary<string, JsonElement>();
        foreach (var claim in claims.EnumerateObject())
        {
            if (claim.Name is not ("userId" or "groups"))
            {
                extra[claim.Name] = claim.Value;
            }
        }

        return new TokenClaims
        {
            UserId = claims.GetProperty("userId").GetString()!,
            Groups = groups,
            ExpiresAt = DateTimeOffset.UnixEpoch.AddSeconds(claims.GetProperty("exp").GetDouble()),
            Extra = extra,
        };
    }
}
