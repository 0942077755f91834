using System.Collections.Generic;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Agglestone.Observability;

/// <summary>The source of activities and the meter, both named <c>Agglestone</c>, by OpenTelemetry's conventions for HTTP clients.</summary>
internal static class Instruments
{
    private const string Name = "Agglestone";

    private static readonly string? Version = typeof(Instruments).Assembly.GetName().Version?.ToString(3);

    private static readonly Meter Meter = new(Name, Version);

    private static readonly Histogram<double> Requests =
        Meter.CreateHistogram<double>("http.client.request.duration", "s", "Duration of HTTP client requests.");

    private static readonly Histogram<double> Calls =
        Meter.CreateHistogram<double>("agglestone.call.duration", "s", "Duration of calls, over all their attempts.");

    private static readonly Counter<long> Failovers =
        Meter.CreateCounter<long>("agglestone.failovers", "{failover}", "Calls that went on with the other API key.");

    internal static readonly ActivitySource Source = new(Name, Version);

    /// <summary>Whether anybody wants to know of calls, or a call belongs to a trace that it has to pass on.</summary>
    internal static bool AreWanted =>
        Activity.Current is not null || Source.HasListeners() || Requests.Enabled || Calls.Enabled || Failovers.Enabled;

    internal static void Count(CallAccount account, double seconds, string? error)
    {
        if (account.Failovers > 0 && Failovers.Enabled)
        {
            Failovers.Add(account.Failovers, account.ServerTags());
        }

        if (account.Method.Length > 0 && Calls.Enabled)
        {
            var tags = account.ServerTags();
            tags.Add("http.request.method", account.Method);
            tags.Add("url.template", account.Route);
            AddIf(ref tags, "agglestone.token", account.Token);
            AddIf(ref tags, "error.type", error);
            Calls.Record(seconds, tags);
        }
    }

    internal static void Count(CallAccount account, AttemptAccount attempt, double seconds, string? error)
    {
        if (Requests.Enabled)
        {
            var tags = account.ServerTags();
            tags.Add("http.request.method", attempt.Method);
            tags.Add("url.template", attempt.Route);
            AddIf(ref tags, "http.response.status_code", attempt.Status);
            AddIf(ref tags, "error.type", error);
            Requests.Record(seconds, tags);
        }
    }

    private static void AddIf(ref TagList tags, string name, object? value)
    {
        if (value is not null)
        {
            tags.Add(new KeyValuePair<string, object?>(name, value));
        }
    }
}
