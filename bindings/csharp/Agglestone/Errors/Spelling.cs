using System.Text;

namespace Agglestone.Errors;

/// <summary>Names of the library, which are snake_case and stand in backticks in its messages, as C# spells them.</summary>
internal static class Spelling
{
    /// <summary><c>user_id</c> is <c>userId</c>.</summary>
    internal static string Camel(string name) => Join(name, capital: false);

    /// <summary><c>api_key</c> is <c>ApiKey</c>.</summary>
    internal static string Pascal(string name) => Join(name, capital: true);

    /// <summary>The message with its names respelled: options are Pascal case, arguments camel case.</summary>
    internal static string InMessage(string message, bool pascal)
    {
        var parts = message.Split('`');
        // Every second part stands in backticks, if they are paired.
        for (var index = 1; index < parts.Length - 1; index += 2)
        {
            if (IsName(parts[index]))
            {
                parts[index] = Join(parts[index], pascal);
            }
        }

        return string.Join('`', parts);
    }

    private static bool IsName(string text)
    {
        foreach (var letter in text)
        {
            if (!char.IsAsciiLetterLower(letter) && letter != '_')
            {
                return false;
            }
        }

        return text.Length > 0 && char.IsAsciiLetterLower(text[0]);
    }

    private static string Join(string name, bool capital)
    {
        var joined = new StringBuilder(name.Length);
        foreach (var letter in name)
        {
            if (letter == '_')
            {
                capital = true;
            }
            else
            {
                joined.Append(capital ? char.ToUpperInvariant(letter) : letter);
                capital = false;
            }
        }

        return joined.ToString();
    }
}
