using System;
using System.Collections.Generic;
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
        if (activity is null && !Instruments.AreMeasured)
        {
            // It was begun to pass a trace on.
            return;
        }

        var account = Account();
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        var error = problem is null ? null : account.Error ?? NameOf(problem);
        var ended = begun.AddSeconds(seconds);
        foreach (var attempt in account.Attempts)
        {
            End(account, attempt, ended, error);
        }

        var tags = account.Tags(account.Method, account.Route, token: account.Token, error: error);
        Instruments.CountCall(account, seconds, tags);
        if (activity is null)
        {
            return;
        }

        if (account.Method.Length > 0)
        {
            activity.DisplayName = $"agglestone {account.Method} {account.Route}";
        }

        Add(activity, tags, error);
        AddIf(activity, "agglestone.token_store", account.TokenStore);
        activity.AddTag("agglestone.attempts", account.Attempts.Count).AddTag("agglestone.failovers", account.Failovers);
        activity.SetEndTime(ended);
    }

    public void Dispose()
    {
        activity?.Dispose();
        agg_observation_free(handle);
        handle = 0;
    }

    private void End(CallAccount account, AttemptAccount attempt, DateTime callEnded, string? callError)
    {
        var start = begun.AddTicks(attempt.Start * TimeSpan.TicksPerMicrosecond);

        // One under way was given up with its call.
        var isOver = attempt.Duration is not null;
        var end = attempt.Duration is { } duration ? start.AddTicks(duration * TimeSpan.TicksPerMicrosecond) : callEnded;
        var error = isOver ? attempt.ErrorType : callError;
        var tags = account.Tags(attempt.Method, attempt.Route, attempt.Status, error: error);
        Instruments.CountRequest((end - start).TotalSeconds, tags);
        if (activity is not { IsAllDataRequested: true })
        {
            return;
        }

        using var made = Instruments.Source.StartActivity(
            $"{attempt.Method} {attempt.Route}", ActivityKind.Client, activity.Context, tags: null, links: null, startTime: start);
        if (made is null)
        {
            return;
        }

        Add(made, tags, error);
        AddIf(made, "http.request.resend_count", attempt.Resends > 0 ? attempt.Resends : null);
        AddIf(made, "agglestone.credential", attempt.Credential);
        AddIf(made, "agglestone.key.fingerprint", attempt.Fingerprint);
        AddIf(made, "agglestone.request_id", attempt.RequestId);
        AddIf(made, "agglestone.connection_wait", attempt.ConnectionWait / 1e6);
        made.SetEndTime(end);
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

    private CallAccount Account()
    {
        nint json = 0;
        if (agg_observation_account(handle, &json, null) != 0)
        {
            return new CallAccount();
        }

        try
        {
            return CallAccount.Read(agg_bytes_view(json).Bytes);
        }
        finally
        {
            agg_bytes_free(json);
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

        var headers = new Dictionary<string, string>();
        DistributedContextPropagator.Current.Inject(
            activity, headers, static (carrier, name, value) => ((Dictionary<string, string>)carrier!)[name] = value);
        if (!headers.TryGetValue("traceparent", out var parent))
        {
            return default;
        }

        return (parent, headers.GetValueOrDefault("tracestate"), BaggageOf(activity));
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
}
