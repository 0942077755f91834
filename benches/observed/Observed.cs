// What activities and measurements add to a call in C#, beside what .NET takes for the same ones alone.
using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json;

using Agglestone;

const int Rounds = 41;
const int InARound = 200;

List<long> Measure(Action run)
{
    long Round()
    {
        var start = Stopwatch.GetTimestamp();
        for (var number = 0; number < InARound; number++)
        {
            run();
        }

        return (long)(Stopwatch.GetElapsedTime(start).TotalNanoseconds / InARound);
    }

    for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start).TotalSeconds < 1;)
    {
        Round();
    }

    var rounds = new List<long>();
    while (rounds.Count < Rounds)
    {
        rounds.Add(Round());
    }

    return rounds;
}

using var client = new AgglestoneClient();
var off = Measure(() => client.GetUsers());

var exported = new List<Activity>();
ActivitySource.AddActivityListener(new ActivityListener
{
    ShouldListenTo = _ => true,
    Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
    ActivityStopped = exported.Add,
});
var sum = 0.0;
var meters = new MeterListener { InstrumentPublished = (instrument, listener) => listener.EnableMeasurementEvents(instrument) };
meters.SetMeasurementEventCallback<double>((_, value, _, _) => sum += value);
meters.Start();
var on = Measure(() =>
{
    client.GetUsers();
    exported.Clear();
});

using var source = new ActivitySource("alone");
using var meter = new Meter("alone");
var durations = meter.CreateHistogram<double>("alone");
var alone = Measure(() =>
{
    using var call = source.StartActivity("call");
    var tags = new TagList { { "http.request.method", "GET" }, { "url.template", "users" }, { "server.address", "a" }, { "server.port", 1 } };
    durations.Record(0.001, tags);
    durations.Record(0.001, tags);
    using (var attempt = source.StartActivity("GET users", ActivityKind.Client))
    {
        foreach (var (name, value) in tags)
        {
            attempt!.SetTag(name, value);
            call!.SetTag(name, value);
        }

        attempt!.SetTag("agglestone.credential", "primary").SetTag("agglestone.key.fingerprint", "00000000");
    }

    exported.Clear();
});

Console.WriteLine(JsonSerializer.Serialize(new { off, on, alone }));
