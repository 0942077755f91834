using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

using NUnit.Framework;

namespace Agglestone.Tests;

/// <summary>Calls as activities and measurements, seen by listeners within the process.</summary>
public sealed class ObservabilityTests : EmulatorFixture, IDisposable
{
    private static readonly string[] Server = ["server.address", "server.port"];
    private static readonly string[] Route = [.. Server, "http.request.method", "url.template", "error.type"];

    /// <summary>What tells series apart: of each there is a bounded number of values.</summary>
    private static readonly Dictionary<string, string[]> Series = new()
    {
        ["http.client.request.duration"] = [.. Route, "http.response.status_code"],
        ["agglestone.call.duration"] = [.. Route, "agglestone.token"],
        ["agglestone.failovers"] = Server,
    };

    private readonly List<Activity> activities = [];
    private readonly List<(string Name, double Value, Dictionary<string, object?> Tags)> measured = [];
    private readonly ActivitySource ours = new("Agglestone.Tests");
    private ActivityListener? listener;
    private MeterListener? meters;

    [SetUp]
    public void Listen()
    {
        activities.Clear();
        measured.Clear();
        listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name.StartsWith("Agglestone", StringComparison.Ordinal),
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                lock (activities)
                {
                    activities.Add(activity);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        meters = new MeterListener
        {
            InstrumentPublished = (instrument, to) =>
            {
                if (instrument.Meter.Name == "Agglestone")
                {
                    to.EnableMeasurementEvents(instrument);
                }
            },
        };
        meters.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Measure(instrument, value, tags));
        meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Measure(instrument, value, tags));
        meters.Start();
    }

    [TearDown]
    public void NothingPersonalWasSeen()
    {
        listener!.Dispose();
        meters!.Dispose();
        var texts = activities.SelectMany(activity => activity.TagObjects.Select(tag => $"{tag.Value}").Append(activity.DisplayName))
            .Concat(measured.SelectMany(one => one.Tags.Values.Select(value => $"{value}"))).ToList();
        foreach (var secret in new[] { Emulator.PrimaryKey, Emulator.SecondaryKey, Amelia, "planted" })
        {
            Assert.That(texts, Has.None.Contains(secret));
        }

        foreach (var (name, _, tags) in measured)
        {
            Assert.That(tags.Keys, Is.SubsetOf(Series[name]));
        }
    }

    public void Dispose()
    {
        ours.Dispose();
        listener?.Dispose();
        meters?.Dispose();
    }

    [Test]
    public async Task ARetriedCallIsAnActivityWithOneForEachAttemptInTheCurrentOne()
    {
        await Emulator.FaultAsync(new { path = "*/Users/*", status = 503, times = 1 });
        using var client = Emulator.NewClient();
        using (var parent = ours.StartActivity("ours"))
        {
            await client.GetUserAsync(Amelia);
            Assert.That(Activity.Current, Is.SameAs(parent), "the current activity is the caller's again");
            Assert.That(Call().ParentSpanId, Is.EqualTo(parent!.SpanId));
        }

        var (call, attempts) = (Call(), Attempts());
        Assert.That(call.DisplayName, Is.EqualTo("agglestone GET users/{userId}"));
        Assert.That((call.GetTagItem("agglestone.attempts"), call.GetTagItem("error.type")), Is.EqualTo((2, (object?)null)));
        Assert.That(Tags(attempts[0]), Is.SupersetOf(new Dictionary<string, object?>
        {
            ["http.request.method"] = "GET",
            ["url.template"] = "users/{userId}",
            ["http.response.status_code"] = 503,
            ["error.type"] = "503",
            ["agglestone.credential"] = "primary",
            ["server.address"] = new Uri(Emulator.Url).Host,
            ["server.port"] = new Uri(Emulator.Url).Port,
        }));
        Assert.That(attempts[0].Status, Is.EqualTo(ActivityStatusCode.Error));
        Assert.That(Tags(attempts[1]), Is.SupersetOf(new Dictionary<string, object?>
        {
            ["http.response.status_code"] = 200,
            ["http.request.resend_count"] = 1,
        }));
        Assert.That(attempts[1].GetTagItem("error.type"), Is.Null);
        Assert.That(attempts[1].GetTagItem("agglestone.connection_wait"), Is.InstanceOf<double>());
        Assert.That((string)attempts[1].GetTagItem("agglestone.key.fingerprint")!, Has.Length.EqualTo(8));
        var statuses = measured.Where(one => one.Name == "http.client.request.duration").Select(one => one.Tags["http.response.status_code"]);
        Assert.That(statuses, Is.EqualTo(new object[] { 503, 200 }));
    }

    [Test]
    public async Task AFailoverShowsBothKeys()
    {
        await Emulator.GenerateKeyAsync("primary");
        var options = Emulator.Options();
        options.SecondaryApiKey = Emulator.SecondaryKey;
        using var client = new AgglestoneClient(options);
        client.GetUsers();
        Assert.That(Call().GetTagItem("agglestone.failovers"), Is.EqualTo(1));
        var seen = Attempts().Select(attempt => (attempt.GetTagItem("http.response.status_code"), attempt.GetTagItem("agglestone.credential")));
        Assert.That(seen, Is.EqualTo(new (object?, object?)[] { (401, "primary"), (200, "secondary") }));
        Assert.That(measured.Single(one => one.Name == "agglestone.failovers").Value, Is.EqualTo(1));
    }

    [Test]
    public async Task AUsersCallHasItsExchangeTheNextTheCacheAndARefusedTokenIsReplaced()
    {
        using var client = Emulator.NewClient();
        var amelia = client.AsUser(Amelia);
        await amelia.GetUserAsync(Amelia);
        Assert.That(Call().GetTagItem("agglestone.token"), Is.EqualTo("exchange"));
        Assert.That(Attempts().Select(attempt => attempt.DisplayName), Is.EqualTo(new[] { "POST v2.0/Auth/token-exchange", "GET users/{userId}" }));
        Assert.That(Attempts()[1].GetTagItem("agglestone.credential"), Is.EqualTo("token"));
        activities.Clear();
        await amelia.GetUserAsync(Amelia);
        Assert.That((Call().GetTagItem("agglestone.token"), Attempts().Count), Is.EqualTo(("cache", 1)));
        activities.Clear();
        await Emulator.FaultAsync(new { path = "*/Users/*", status = 401, times = 1 });
        await amelia.GetUserAsync(Amelia);
        Assert.That(Attempts().Select(attempt => attempt.GetTagItem("http.response.status_code")), Is.EqualTo(new object[] { 401, 200, 200 }));
    }

    [Test]
    public async Task AUsersCallSaysHowTheTokenStoreIs()
    {
        var stores = new (string? Store, string? State)[] { (null, null), ("redis://127.0.0.1:1", "down") };
        foreach (var (store, state) in stores)
        {
            var options = Emulator.Options();
            options.TokenStore = store;
            options.TokenStoreKey = store is null ? null : new string('k', 20) + new string('e', 20);
            using var client = new AgglestoneClient(options);
            await client.AsUser(Amelia).GetUserAsync(Amelia);
            Assert.That(Call().GetTagItem("agglestone.token_store"), Is.EqualTo(state));
            activities.Clear();
        }
    }

    [Test]
    public async Task FailedTimedOutAndCancelledCallsEndWithTheirError()
    {
        using var client = Emulator.NewClient();
        var once = client.With(new AgglestoneCallOptions { MaxRetries = 0, Timeout = TimeSpan.FromSeconds(18) });
        Assert.ThrowsAsync<AgglestoneNotFoundException>(() => once.GetUserAsync("planted-nobody"));
        Assert.That((Error(Call()), Error(Attempts()[0])), Is.EqualTo(("NOT_FOUND", "404")));
        Assert.That(Call().Status, Is.EqualTo(ActivityStatusCode.Error));

        activities.Clear();
        await Emulator.FaultAsync(new { path = "*/Users", delayMs = 18_000, times = 2 });
        Assert.CatchAsync<AgglestoneException>(() => once.With(new AgglestoneCallOptions { Timeout = TimeSpan.FromMilliseconds(100) }).GetUsersAsync());
        Assert.That((Error(Call()), Error(Attempts()[0])), Is.EqualTo(("TIMEOUT", "TIMEOUT")));

        activities.Clear();
        using var source = new CancellationTokenSource();
        var cancelled = once.GetUsersAsync(cancellationToken: source.Token);
        await Emulator.ArrivedAsync(3);
        source.Cancel();
        Assert.CatchAsync<OperationCanceledException>(() => cancelled);
        Assert.That((Error(Call()), Error(Attempts()[0])), Is.EqualTo(("CANCELLED", "CANCELLED")));
    }

    [Test]
    public async Task EachCallSendsTheTraceAndBaggageOfItsOwnContext()
    {
        using var second = new TcpListener(IPAddress.Loopback, 0);
        second.Start();
        var options = Emulator.Options();
        options.BaseUrl = $"http://127.0.0.1:{((IPEndPoint)second.LocalEndpoint).Port}";
        using var client = new AgglestoneClient(options);
        foreach (var listens in new[] { true, false })
        {
            if (!listens)
            {
                // A trace is passed on also where nobody listens to this library.
                listener!.Dispose();
            }

            using var parent = new Activity("parent").AddBaggage("shop", "é u").Start();
            parent.TraceStateString = "vendor=1";
            var call = client.GetUsersAsync();
            var headers = await AnswerAsync(second);
            await call;
            Assert.That(headers, Does.Contain($"traceparent: 00-{parent.TraceId}-"));
            Assert.That(headers, Does.Contain("tracestate: vendor=1\r\n").And.Contain("baggage: shop=%C3%A9%20u\r\n"));
            Assert.That(headers.Contains($"-{parent.SpanId}-", StringComparison.Ordinal), Is.EqualTo(!listens));
        }
    }

    [Test]
    public async Task WithoutListenersNoActivityIsMade()
    {
        listener!.Dispose();
        meters!.Dispose();
        using var client = Emulator.NewClient();
        await client.GetUsersAsync();
        Assert.That((activities.Count, measured.Count), Is.EqualTo((0, 0)));
    }

    private static async Task<string> AnswerAsync(TcpListener server)
    {
        using var connection = await server.AcceptTcpClientAsync();
        var stream = connection.GetStream();
        var buffer = new byte[8192];
        var length = 0;
        while (!Encoding.ASCII.GetString(buffer, 0, length).Contains("\r\n\r\n", StringComparison.Ordinal))
        {
            length += await stream.ReadAsync(buffer.AsMemory(length));
        }

        await stream.WriteAsync(Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\ncontent-length: 11\r\nconnection: close\r\n\r\n{\"data\":[]}"));
        return Encoding.ASCII.GetString(buffer, 0, length);
    }

    private static Dictionary<string, object?> Tags(Activity activity) => activity.TagObjects.ToDictionary(tag => tag.Key, tag => tag.Value);

    private static string? Error(Activity activity) => (string?)activity.GetTagItem("error.type");

    private Activity Call() => activities.Single(activity => activity.DisplayName.StartsWith("agglestone ", StringComparison.Ordinal));

    private List<Activity> Attempts()
    {
        var (call, attempts) = (Call(), activities.Where(activity => activity.Kind == ActivityKind.Client).ToList());
        // The call's times are .NET's, those of its attempts the core's: two clocks, read one after the other.
        var apart = TimeSpan.FromMilliseconds(100);
        var (start, end) = (call.StartTimeUtc - apart, call.StartTimeUtc + call.Duration + apart);
        foreach (var attempt in attempts)
        {
            Assert.That(attempt.ParentSpanId, Is.EqualTo(call.SpanId));
            Assert.That(attempt.StartTimeUtc, Is.InRange(start, end));
            Assert.That(attempt.StartTimeUtc + attempt.Duration, Is.LessThanOrEqualTo(end));
        }

        return attempts;
    }

    private void Measure(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var known = tags.ToArray().ToDictionary(tag => tag.Key, tag => tag.Value);
        lock (measured)
        {
            measured.Add((instrument.Name, value, known));
        }
    }
}
