// What activities and measurements add to a call in C#, with listeners within the process.
//
// `off`: nobody watches. `on`: two activities and two measurements a call. `hand`: the same two and two, made by the program around a
// call that the client does not watch.
using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Diagnostics.Metrics;

using Agglestone;

var work = new Work(args);
var exported = new List<Activity>();
var sum = 0.0;
if (work.Way != "off")
{
    ActivitySource.AddActivityListener(new ActivityListener
    {
        ShouldListenTo = source => IsListenedTo(source.Name),
        Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        ActivityStopped = exported.Add,
    });
    var meters = new MeterListener { InstrumentPublished = Publish };
    meters.SetMeasurementEventCallback<double>((_, value, _, _) => sum += value);
    meters.Start();
}

bool IsListenedTo(string name) => name == (work.Way == "on" ? "Agglestone" : "by hand");

void Publish(Instrument instrument, MeterListener listener)
{
    if (IsListenedTo(instrument.Meter.Name))
    {
        listener.EnableMeasurementEvents(instrument);
    }
}

using var source = new ActivitySource("by hand");
using var meter = new Meter("by hand");
var requests = meter.CreateHistogram<double>("requests");
var calls = meter.CreateHistogram<double>("calls");
using var client = new AgglestoneClient();

TagList Shared() => new()
{
    { "server.address", "127.0.0.1" }, { "server.port", 80 }, { "http.request.method", "GET" }, { "url.template", "users" },
};

void ByHand()
{
    var (start, end) = (DateTime.UtcNow, DateTime.UtcNow.AddMilliseconds(1));
    using var call = source.StartActivity("agglestone")!;
    var headers = new Dictionary<string, string>();
    DistributedContextPropagator.Current.Inject(
        call, headers, static (carrier, name, value) => ((Dictionary<string, string>)carrier!)[name] = value);

    // A call within an activity would be watched, to pass it on.
    Activity.Current = null;
    client.GetUsers(1, Work.PageSize);
    Activity.Current = call;
    var tags = Shared();
    tags.Add("http.response.status_code", 200);
    requests.Record(0.001, tags);
    using (var attempt = source.StartActivity("GET users", ActivityKind.Client, call.Context, startTime: start)!)
    {
        foreach (var (name, value) in tags)
        {
            attempt.SetTag(name, value);
        }

        attempt.SetTag("agglestone.credential", "primary")
            .SetTag("agglestone.key.fingerprint", "2f72fd8f")
            .SetTag("agglestone.request_id", "4bf92f3577b34da6a3ce929d0e0e4736")
            .SetTag("agglestone.connection_wait", 0.001)
            .SetEndTime(end);
    }

    tags = Shared();
    calls.Record(0.001, tags);
    foreach (var (name, value) in tags)
    {
        call.SetTag(name, value);
    }

    call.DisplayName = "agglestone GET users";
    call.SetTag("agglestone.attempts", 1).SetTag("agglestone.failovers", 0).SetEndTime(end);
}

Action make = work.Way == "hand" ? ByHand : () => client.GetUsers(1, Work.PageSize);
await work.Blocking(() =>
{
    make();
    exported.Clear();
});
GC.KeepAlive(sum);
