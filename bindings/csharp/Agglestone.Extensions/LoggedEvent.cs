using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Linq;

namespace Agglestone.Extensions;

/// <summary>An event as a logger takes it: text, and values by name.</summary>
internal sealed class LoggedEvent(ApiKeyEvent happened) : ReadOnlyCollection<KeyValuePair<string, object?>>(
[
    new("Event", happened.Name),
    new("Message", happened.Message),
    .. happened.Parts.Select(static part => new KeyValuePair<string, object?>(part.Key, part.Value)),
    new("{OriginalFormat}", "{Event}: {Message}"),
])
{
    private readonly string text = $"{happened.Name}: {happened.Message}";

    /// <inheritdoc/>
    public override string ToString() => text;
}
