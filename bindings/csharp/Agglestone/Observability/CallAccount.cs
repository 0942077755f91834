using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Text.Json;

namespace Agglestone.Observability;

/// <summary>What a call did, as the library tells it. Times are microseconds.</summary>
internal sealed class CallAccount
{
    /// <summary>Empty for a call that did not begin.</summary>
    internal string Method { get; private set; } = "";

    internal string Route { get; private set; } = "";

    internal string? Error { get; private set; }

    internal string? Token { get; private set; }

    internal string? TokenStore { get; private set; }

    internal int Failovers { get; private set; }

    internal List<AttemptAccount> Attempts { get; } = [];

    private string ServerAddress { get; set; } = "";

    private int ServerPort { get; set; }

    internal static CallAccount Read(ReadOnlySpan<byte> json)
    {
        var account = new CallAccount();
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("method"u8))
            {
                account.Method = Text(ref reader);
            }
            else if (reader.ValueTextEquals("route"u8))
            {
                account.Route = Text(ref reader);
            }
            else if (reader.ValueTextEquals("serverAddress"u8))
            {
                account.ServerAddress = Text(ref reader);
            }
            else if (reader.ValueTextEquals("serverPort"u8))
            {
                account.ServerPort = (int)Number(ref reader);
            }
            else if (reader.ValueTextEquals("error"u8))
            {
                account.Error = Text(ref reader);
            }
            else if (reader.ValueTextEquals("token"u8))
            {
                account.Token = Text(ref reader);
            }
            else if (reader.ValueTextEquals("tokenStore"u8))
            {
                account.TokenStore = Text(ref reader);
            }
            else if (reader.ValueTextEquals("failovers"u8))
            {
                account.Failovers = (int)Number(ref reader);
            }
            else if (reader.ValueTextEquals("attempts"u8))
            {
                reader.Read();
                while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
                {
                    account.Attempts.Add(AttemptAccount.Read(ref reader));
                }
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        return account;
    }

    internal static string Text(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.GetString() ?? "";
    }

    internal static long Number(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.GetInt64();
    }

    internal TagList ServerTags() => new() { { "server.address", ServerAddress }, { "server.port", ServerPort } };

    /// <summary>What a call and its attempts say, in activities and measurements; nothing for a call that did not begin.</summary>
    internal TagList Tags(string method, string route, int? status = null, string? token = null, string? error = null)
    {
        var tags = default(TagList);
        if (method.Length > 0)
        {
            tags = ServerTags();
            tags.Add("http.request.method", method);
            tags.Add("url.template", route);
        }

        AddIf(ref tags, "http.response.status_code", status);
        AddIf(ref tags, "agglestone.token", token);
        AddIf(ref tags, "error.type", error);
        return tags;
    }

    private static void AddIf(ref TagList tags, string name, object? value)
    {
        if (value is not null)
        {
            tags.Add(name, value);
        }
    }
}
