using System.Diagnostics;

using Agglestone.Native;

namespace Agglestone.Observability;

/// <summary>What activities and measurements say of a call and its attempts, in the names of OpenTelemetry.</summary>
internal readonly struct Tags
{
    private readonly string address;
    private readonly object port;

    internal Tags(in Account account)
    {
        address = account.ServerAddress;
        port = account.ServerPort;
    }

    internal TagList Server => new() { { "server.address", address }, { "server.port", port } };

    internal TagList Of(string method, string route, int? status = null, string? token = null, string? error = null)
    {
        var tags = Server;
        tags.Add("http.request.method", method);
        tags.Add("url.template", route);
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
