using System.Text.Json;

namespace Agglestone.Observability;

/// <summary>One attempt of a call. Times are microseconds.</summary>
internal sealed class AttemptAccount
{
    internal string Method { get; private set; } = "";

    internal string Route { get; private set; } = "";

    internal long Start { get; private set; }

    /// <summary>Null while it is under way.</summary>
    internal long? Duration { get; private set; }

    internal long? ConnectionWait { get; private set; }

    internal int Resends { get; private set; }

    internal int? Status { get; private set; }

    internal string? Credential { get; private set; }

    internal string? Fingerprint { get; private set; }

    internal string? RequestId { get; private set; }

    /// <summary>The name of the error, or the status where that is 400 or more.</summary>
    internal string? ErrorType { get; private set; }

    /// <summary>Reads an object whose start was read.</summary>
    internal static AttemptAccount Read(ref Utf8JsonReader reader)
    {
        var attempt = new AttemptAccount();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("method"u8))
            {
                attempt.Method = CallAccount.Text(ref reader);
            }
            else if (reader.ValueTextEquals("route"u8))
            {
                attempt.Route = CallAccount.Text(ref reader);
            }
            else if (reader.ValueTextEquals("start"u8))
            {
                attempt.Start = CallAccount.Number(ref reader);
            }
            else if (reader.ValueTextEquals("duration"u8))
            {
                attempt.Duration = CallAccount.Number(ref reader);
            }
            else if (reader.ValueTextEquals("connectionWait"u8))
            {
                attempt.ConnectionWait = CallAccount.Number(ref reader);
            }
            else if (reader.ValueTextEquals("resends"u8))
            {
                attempt.Resends = (int)CallAccount.Number(ref reader);
            }
            else if (reader.ValueTextEquals("status"u8))
            {
                attempt.Status = (int)CallAccount.Number(ref reader);
            }
            else if (reader.ValueTextEquals("errorType"u8))
            {
                attempt.ErrorType = CallAccount.Text(ref reader);
            }
            else if (reader.ValueTextEquals("credential"u8))
            {
                attempt.Credential = CallAccount.Text(ref reader);
            }
            else if (reader.ValueTextEquals("fingerprint"u8))
            {
                attempt.Fingerprint = CallAccount.Text(ref reader);
            }
            else if (reader.ValueTextEquals("requestId"u8))
            {
                attempt.RequestId = CallAccount.Text(ref reader);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        return attempt;
    }
}
