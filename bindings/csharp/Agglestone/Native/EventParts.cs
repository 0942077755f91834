using System.Collections.Generic;
using System.Globalization;
using System.Linq;

using static Agglestone.Native.NativeMethods;

namespace Agglestone.Native;

/// <summary>Reads what an agg_event tells, piece by piece.</summary>
internal static class EventParts
{
    internal static Dictionary<string, object> Read(nint handle)
    {
        var count = agg_event_part_count(handle);
        var parts = new Dictionary<string, object>((int)count);
        for (nuint number = 0; number < count; number++)
        {
            var (name, value) = Part(agg_event_part_name(handle, number).ToString(), agg_event_part_value(handle, number).ToString());
            parts.Add(name, value);
        }

        return parts;
    }

    private static (string Name, object Value) Part(string name, string value) => name switch
    {
        "status" or "attempt" or "attempts" => (Pascal(name), int.Parse(value, CultureInfo.InvariantCulture)),
        "duration" => ("ElapsedMilliseconds", long.Parse(value, CultureInfo.InvariantCulture) / 1e3),
        _ => (Pascal(name), value),
    };

    private static string Pascal(string name) =>
        string.Concat(name.Split('_').Select(static word => char.ToUpperInvariant(word[0]) + word[1..]));
}
