using System.Linq;
using System.Text;
using System.Text.Json;

namespace Agglestone.Json;

/// <summary>The names of an object's known fields, in the order in which the service sends them.</summary>
internal sealed class FieldNames(params string[] names)
{
    private readonly byte[][] utf8 = names.Select(Encoding.UTF8.GetBytes).ToArray();

    /// <summary>The name that <paramref name="reader"/> stands on; a new string only for one that is not known.</summary>
    /// <param name="reader">Stands on a name.</param>
    /// <param name="expected">Which name to try first, and then the one after what was found; begins with 0.</param>
    internal string Read(ref Utf8JsonReader reader, ref int expected)
    {
        for (var tried = 0; tried < names.Length; tried++)
        {
            var index = expected;
            expected = index + 1 < names.Length ? index + 1 : 0;
            if (reader.ValueTextEquals(utf8[index]))
            {
                return names[index];
            }
        }

        return reader.GetString()!;
    }
}
