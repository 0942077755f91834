// What activities and measurements add to a call in C#: what this client does for them, and what .NET does.
using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json;

using Agglestone;

const int Rounds = 15;
const int InARound = 2_000;

List<long> Measure(Action run)
{
    long Round()
    {
        var start = Process.GetCurrentProcess().TotalProcessorTime;
        for (var number = 0; number < InARound; number++)
        {
            run();
        }

        return (long)((Process.GetCurrentProcess().TotalProcessorTime - start).TotalNanoseconds / InARound);
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

// In a trace, of which nobody here records anything.
List<long> quiet;
using (new Activity("current").Start())
{
    quiet = Measure(() => client.GetUsers());
}

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

Console.WriteLine(JsonSerializer.Serialize(new { off, quiet, on }));
