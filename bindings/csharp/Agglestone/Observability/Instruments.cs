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
    internal static bool AreWanted => Activity.Current is not null || Source.HasListeners() || AreMeasured;

    /// <summary>Whether anybody listens to the meter.</summary>
    internal static bool AreMeasured => Requests.Enabled || Calls.Enabled || Failovers.Enabled;

    internal static void CountCall(double seconds, in TagList tags) => Calls.Record(seconds, tags);

    internal static void CountRequest(double seconds, in TagList tags) => Requests.Record(seconds, tags);

    internal static void CountFailovers(int failovers, in TagList tags) => Failovers.Add(failovers, tags);
}
