using System;
using System.Diagnostics;
using System.Linq;
using System.Text;

using Agglestone.Native;

using static Agglestone.Native.NativeMethods;

namespace Agglestone.Observability;

/// <summary>An agg_observation and the activity of the call that it watches; attempts become activities within it at the end.</summary>
internal sealed unsafe class CallObservation : IDisposable
{
    private readonly long began = Stopwatch.GetTimestamp();
    private readonly DateTime begun = DateTime.UtcNow;
    private readonly Activity? activity = Instruments.Source.StartActivity("agglestone");
    private nint handle;

    private CallObservation()
    {
        var trace = TraceOf(activity ?? Activity.Current);
        using var parent = Value(trace.Parent, stackalloc byte[Utf8Argument.Scratch]);
        using var state = Value(trace.State, stackalloc byte[Utf8Argument.Scratch]);
        using var baggage = Value(trace.Baggage, stackalloc byte[Utf8Argument.Scratch]);
        fixed (byte* parentData = parent, stateData = state, baggageData = baggage)
        {
            nint made = 0;

            // What can't be sent is left out: a trace that can't be passed on must fail no call.
            if (agg_observation_new(parentData, parent.Length, stateData, state.Length, baggageData, baggage.Length, &made, null) != 0)
            {
                _ = agg_observation_new(null, 0, null, 0, null, 0, &made, null);
            }

            handle = made;
        }
    }

    /// <summary>Begins with a call, in the current activity; null where nobody is interested.</summary>
    internal static CallObservation? Begin() => Instruments.AreWanted ? new CallObservation() : null;

    internal void Watch(Operation operation) => _ = agg_operation_set_observation(operation.Handle, handle, null);

    /// <summary>The call is over.</summary>
    internal void End(Exception? problem)
    {
        Account* account = null;

        // One that was begun to pass a trace on has nobody to tell.
        if ((activity is null && !Instruments.AreMeasured) || agg_observation_account(handle, &account, null) != 0)
        {
            return;
        }

        try
        {
            End(in *account, problem);
        }
        finally
        {
            agg_account_free(account);
        }
    }

    public void Dispose()
    {
        activity?.Dispose();
        agg_observation_free(handle);
        handle = 0;
    }

    private void End(in Account account, Exception? problem)
    {
        var lasted = Stopwatch.GetElapsedTime(began);
        var error = problem is null ? null : account.Error ?? NameOf(problem);
        var shared = new Tags(in account);
        for (var place = 0; place < account.AttemptCount; place++)
        {
            End(in account.Attempt(place), in shared, lasted, error);
        }

        if (account.Failovers > 0)
        {
            Instruments.CountFailovers(account.Failovers, shared.Server);
        }

        if (account.HasBegun)
        {
            var (method, route) = (account.Method, account.Route);
            var tags = shared.Of(method, route, token: account.Token, error: error);
            Instruments.CountCall(lasted.TotalSeconds, in tags);
            if (activity is not null)
            {
                activity.DisplayName = $"agglestone {method} {route}";
                Add(activity, in tags, error);
            }
        }
        else if (activity is not null && error is not null)
        {
            activity.AddTag("error.type", error).SetStatus(ActivityStatusCode.Error);
        }

        if (activity is not null)
        {
            AddIf(activity, "agglestone.token_store", account.TokenStore);
            activity.AddTag("agglestone.attempts", account.AttemptCount).AddTag("agglestone.failovers", account.Failovers);
            activity.SetEndTime(begun + lasted);
        }
    }

    private void End(in Attempt attempt, in Tags shared, TimeSpan callLasted, string? callError)
    {
        // One under way was given up with its call.
        var lasted = attempt.Duration ?? callLasted - attempt.Start;
        var error = attempt.Duration is null ? callError : attempt.ErrorType;
        var (method, route) = (attempt.Method, attempt.Route);
        var tags = shared.Of(method, route, attempt.Status, error: error);
        Instruments.CountRequest(lasted.TotalSeconds, in tags);
        if (activity is not { IsAllDataRequested: true })
        {
            return;
        }

        var start = begun + attempt.Start;
        using var made = Instruments.Source.StartActivity(
            $"{method} {route}", ActivityKind.Client, activity.Context, tags: null, links: null, startTime: start);
        if (made is null)
        {
            return;
        }

        Add(made, in tags, error);
        AddIf(made, "http.request.resend_count", attempt.Resends);
        AddIf(made, "agglestone.credential", attempt.Credential);
        AddIf(made, "agglestone.key.fingerprint", attempt.Fingerprint);
        AddIf(made, "agglestone.request_id", attempt.RequestId);
        AddIf(made, "agglestone.connection_wait", attempt.ConnectionWait);
        made.SetEndTime(start + lasted);
    }

    private static void Add(Activity activity, in TagList tags, string? error)
    {
        // By their places: an enumerator of them copies the list.
        for (var place = 0; place < tags.Count; place++)
        {
            activity.AddTag(tags[place].Key, tags[place].Value);
        }

        if (error is not null)
        {
            activity.SetStatus(ActivityStatusCode.Error);
        }
    }

    private static void AddIf(Activity activity, string name, object? value)
    {
        if (value is not null)
        {
            activity.AddTag(name, value);
        }
    }

    private static string NameOf(Exception problem) => problem switch
    {
        OperationCanceledException => "CANCELLED",
        ObjectDisposedException => "CLOSED",
        ArgumentException => "INVALID_ARGUMENT",
        _ => problem.GetType().Name,
    };

    private static Utf8Argument Value(string? text, Span<byte> scratch) => new(argument: null, text, scratch);

    /// <summary>What the propagator of the process sends for an activity. Before .NET 10 it writes baggage in another way than W3C.</summary>
    private static (string? Parent, string? State, string? Baggage) TraceOf(Activity? activity)
    {
        if (activity is not { IdFormat: ActivityIdFormat.W3C })
        {
            return default;
        }

        var sent = new Headers();
        DistributedContextPropagator.Current.Inject(activity, sent, static (sent, name, value) => ((Headers)sent!).Set(name, value));
        return sent.Parent is null ? default : (sent.Parent, sent.State, BaggageOf(activity));
    }

    private static string? BaggageOf(Activity activity)
    {
        StringBuilder? text = null;
        foreach (var (name, value) in activity.Baggage.Where(static item => item.Key.Length > 0))
        {
            text = text is null ? new StringBuilder() : text.Append(',');
            text.Append(Uri.EscapeDataString(name)).Append('=').Append(Uri.EscapeDataString(value ?? ""));
        }

        return text?.ToString();
    }

    /// <summary>What a propagator may set of a request.</summary>
    private sealed class Headers
    {
        internal string? Parent { get; private set; }

        internal string? State { get; private set; }

        internal void Set(string name, string value)
        {
            switch (name)
            {
                case "traceparent":
                    Parent = value;
                    break;
                case "tracestate":
                    State = value;
                    break;
            }
        }
    }
}
