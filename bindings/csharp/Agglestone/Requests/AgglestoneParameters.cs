using System;
using System.Collections;
using System.Collections.Generic;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace Agglestone;

/// <summary>Names and values in the order they were added; a name may stand several times.</summary>
[DebuggerDisplay("Count = {Count}")]
[SuppressMessage("Naming", "CA1710", Justification = "What it holds says more than that it is a collection.")]
public sealed class AgglestoneParameters : IReadOnlyCollection<KeyValuePair<string, string>>
{
    private readonly List<KeyValuePair<string, string>> pairs = [];

    /// <summary>None to begin with.</summary>
    public AgglestoneParameters()
    {
    }

    internal AgglestoneParameters(AgglestoneParameters others) => pairs.AddRange(others.pairs);

    /// <inheritdoc/>
    public int Count => pairs.Count;

    /// <summary>Adds one; also what <c>{ { "name", "value" } }</c> calls.</summary>
    /// <param name="name">The name.</param>
    /// <param name="value">The value.</param>
    public void Add(string name, string value)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(value);
        pairs.Add(new(name, value));
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => pairs.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
