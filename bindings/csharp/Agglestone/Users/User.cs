using System;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Diagnostics;
using System.Runtime.Serialization;
using System.Text.Json;
using System.Text.Json.Serialization;

using Agglestone.Json;

namespace Agglestone;

/// <summary>
/// A user of the tenant. What the service did not say is null, so that "not said" and "false" can be told apart.
/// Read and written as the service's JSON, with every field that this version does not know in <see cref="Extra"/>.
/// </summary>
[JsonConverter(typeof(UserConverter))]
[DebuggerDisplay("User {UserId}")]
public sealed class User
{
    /// <summary>The user's id, a GUID.</summary>
    public string UserId { get; init; } = "";

    /// <summary>The e-mail address.</summary>
    public string? Email { get; init; }

    /// <summary>The name to show.</summary>
    public string? DisplayName { get; init; }

    /// <summary>The kind of user; only <c>Standard</c> is documented.</summary>
    public string? UserType { get; init; }

    /// <summary>Whether the user may sign in.</summary>
    public bool? Enabled { get; init; }

    /// <summary>When the user last signed in.</summary>
    public DateTimeOffset? LastLoggedIn { get; init; }

    /// <summary>When the user's token was last renewed.</summary>
    public DateTimeOffset? LastTokenRefresh { get; init; }

    /// <summary>Whether the user owns the tenant.</summary>
    public bool? Owner { get; init; }

    /// <summary>Whether the user must choose a new password.</summary>
    public bool? RequirePasswordReset { get; init; }

    /// <summary>What came with the answer that this was; null for what no call answered. Never part of its JSON.</summary>
    [JsonIgnore]
    [IgnoreDataMember]
    public AgglestoneResponseInfo? Response { get; init; }

    /// <summary>Every other field, as the service sent it.</summary>
    public IReadOnlyDictionary<string, JsonElement> Extra { get; init; } = ReadOnlyDictionary<string, JsonElement>.Empty;

    /// <summary>The id alone: the rest is personal data, which does not belong into logs.</summary>
    public override string ToString() => $"User {UserId}";
}
