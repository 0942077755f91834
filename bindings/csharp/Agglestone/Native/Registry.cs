using System.Collections.Concurrent;
using System.Threading;

namespace Agglestone.Native;

/// <summary>
/// Objects that the library knows by an integer, for its callbacks to name. A number that came twice or late would find
/// nothing here, where a pointer would find freed memory.
/// </summary>
internal sealed class Registry<T>
    where T : class
{
    private readonly ConcurrentDictionary<nint, T> entries = new();
    private long last;

    /// <summary>How many there are, for tests that look for leaks.</summary>
    internal int Count => entries.Count;

    /// <summary>Keeps an object, also from being collected, until it is removed.</summary>
    internal nint Add(T entry)
    {
        var id = (nint)Interlocked.Increment(ref last);
        entries[id] = entry;
        return id;
    }

    internal T? Find(nint id) => entries.TryGetValue(id, out var entry) ? entry : null;

    internal T? Remove(nint id) => entries.TryRemove(id, out var entry) ? entry : null;
}
