// What activities and instruments say of the calls of the C# driver, and the trace that these belong to.
using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Linq;
using System.Text.Json.Nodes;

internal static class Observed
{
    private static readonly ConcurrentQueue<string> Texts = new();

    internal static void Listen()
    {
        ActivitySource.AddActivityListener(new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Agglestone",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => Texts.Enqueue($"{activity.DisplayName} {Shown(activity.TagObjects)}"),
        });
        var meters = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == "Agglestone")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        meters.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Texts.Enqueue($"{instrument.Name} {value} {Shown(tags.ToArray())}"));
        meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Texts.Enqueue($"{instrument.Name} {value} {Shown(tags.ToArray())}"));
        meters.Start();
    }

    // The activity that the trace among a command's arguments leads to; nothing without one.
    internal static IDisposable? Trace(JsonObject? arguments)
    {
        if ((string?)arguments?["traceparent"] is not { } parent)
        {
            return null;
        }

        var activity = new Activity("driver").SetParentId(parent);
        activity.TraceStateString = (string?)arguments["tracestate"];
        foreach (var item in ((string?)arguments["baggage"])?.Split(',') ?? [])
        {
            activity.AddBaggage(item.Split('=')[0], item.Split('=')[1]);
        }

        return activity.Start();
    }

    internal static JsonArray Take()
    {
        var taken = new JsonArray();
        while (Texts.TryDequeue(out var text))
        {
            taken.Add((JsonNode)text);
        }

        return taken;
    }

    private static string Shown(IEnumerable<KeyValuePair<string, object?>> tags) => string.Join(", ", tags.Select(tag => $"{tag.Key} = {tag.Value}"));
}
