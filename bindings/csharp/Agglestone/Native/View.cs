using System;
using System.Text;

namespace Agglestone.Native;

/// <summary>Text lent by the library (agg_view): valid as long as the handle it came from.</summary>
internal readonly unsafe partial struct View
{
    /// <summary>The lent bytes themselves.</summary>
    internal ReadOnlySpan<byte> Bytes => new(data, checked((int)length));

    /// <summary>A copy, or null where the view is empty, which is how the library says "unknown".</summary>
    internal string? TextOrNull => length == 0 ? null : ToString();

    /// <inheritdoc/>
    public override string ToString() => Encoding.UTF8.GetString(Bytes);
}
