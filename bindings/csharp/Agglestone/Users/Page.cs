using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Runtime.Serialization;
using System.Text.Json;
using System.Text.Json.Serialization;

using Agglestone.Json;

namespace Agglestone;

/// <summary>One page of a list, read and written as the service's JSON with <see cref="NextPage"/> beside it.</summary>
/// <typeparam name="T">What is listed.</typeparam>
[JsonConverter(typeof(PageConverterFactory))]
public sealed class Page<T>
{
    /// <summary>The items of this page.</summary>
    public IReadOnlyList<T> Data { get; init; } = [];

    /// <summary>This page's number, counted from 1; null when the service did not say.</summary>
    public int? PageNumber { get; init; }

    /// <summary>How many items a page holds at most; null when the service did not say.</summary>
    public int? PageSize { get; init; }

    /// <summary>How many items there are on all pages; null when the service did not say, or nothing that is a count.</summary>
    public long? TotalRecords { get; init; }

    /// <summary>The number of the page after this one; null on the last, and on a page that no call answered.</summary>
    public int? NextPage { get; init; }

    /// <summary>Whether there is a page after this one.</summary>
    public bool HasNextPage => NextPage is not null;

    /// <summary>What came with the answer that this was; null for what no call answered. Never part of its JSON.</summary>
    [JsonIgnore]
    [IgnoreDataMember]
    public AgglestoneResponseInfo? Response { get; init; }

    /// <summary>Every other field, as the service sent it, and a count that is none.</summary>
    public IReadOnlyDictionary<string, JsonElement> Extra { get; init; } = ReadOnlyDictionary<string, JsonElement>.Empty;
}
