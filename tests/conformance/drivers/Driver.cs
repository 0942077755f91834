// The C# driver of the conformance cases: one JSON command a line in, one JSON line out. ../README.md has the protocol.
using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Net.Http;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Threading;
using System.Threading.Tasks;

using Agglestone;
using Agglestone.Native;

internal static class Driver
{
    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);
    private static readonly ConcurrentQueue<ApiKeyEvent> Events = new();
    private static AgglestoneClient? client;

    private static async Task Main()
    {
        Observed.Listen();
        while (Console.In.ReadLine() is { } line)
        {
            var command = JsonNode.Parse(line)!.AsObject();
            JsonObject answer;
            try
            {
                using var trace = Observed.Trace(command["args"] as JsonObject);
                answer = new() { ["ok"] = await RunAsync((string)command["command"]!, command) };
            }
            catch (Exception problem) when (problem is IAgglestoneError or ObjectDisposedException)
            {
                Shown.Add(problem);
                answer = new() { ["error"] = Error(problem) };
            }

            Console.Out.WriteLine(answer.ToJsonString());
        }
    }

    private static async Task<JsonNode?> RunAsync(string command, JsonObject line)
    {
        var arguments = line["args"] as JsonObject ?? new();
        switch (command)
        {
            case "new_client":
                client?.Dispose();
                client = new AgglestoneClient(Options(line["settings"]!.AsObject()));
                return null;
            case "observed":
                return Observed.Take();
            case "show":
                if (client is not null)
                {
                    Shown.Add(client);
                }

                Console.Error.WriteLine("-- shown");
                return Shown.Take();
            case "testing_panic":
                using (var panic = Operation.TestingPanic())
                {
                    await client!.RunAsync(panic, default);
                }

                return null;
            case "close_client":
                await client!.DisposeAsync();
                return null;
            case "live_handles":
                return (long)agg_live_handles();
            case "get_users":
                var page = await Calls(arguments).GetUsersAsync((int?)arguments["page_number"] ?? 1, (int?)arguments["page_size"] ?? 10);
                var answer = JsonSerializer.SerializeToNode(page)!.AsObject();
                // What the library knows is no part of the service's answer.
                answer.Remove("nextPage");
                return answer;
            case "iter_users":
                var users = new JsonArray();
                await foreach (var user in Calls(arguments).IterateUsersAsync((int?)arguments["page_size"] ?? 100))
                {
                    users.Add(JsonSerializer.SerializeToNode(user));
                }

                return users;
            case "get_user":
                return JsonSerializer.SerializeToNode(await Calls(arguments).GetUserAsync(UserId(arguments)));
            case "request":
                return Response(await Calls(arguments).RequestAsync(Request(arguments)));
            case "exchange_api_key_for_token":
                return (bool?)arguments["fresh"] == true
                    ? (await Client(arguments).GetFreshTokenAsync(UserId(arguments))).Value
                    : await Client(arguments).ExchangeApiKeyForTokenAsync(UserId(arguments));
            case "get_token":
                var token = await Client(arguments).GetTokenAsync(UserId(arguments));
                Shown.Add(token, nameof(token.Value));
                return token.Value;
            case "forget_token":
                client!.ForgetToken(UserId(arguments));
                return null;
            case "forget_tokens":
                client!.ForgetTokens();
                return null;
            case "token_stats":
                return JsonSerializer.SerializeToNode(client!.TokenStats(), Web);
            case "set_api_keys":
                client!.SetApiKeys(Text(arguments["primary"])!, Text(arguments["secondary"]));
                return null;
            case "key_usage":
                return JsonSerializer.SerializeToNode(client!.KeyUsage(), Web);
            case "check_api_keys":
                return JsonSerializer.SerializeToNode(await client!.CheckApiKeysAsync(), Web);
            case "verify_token":
                var claims = await Client(arguments).VerifyTokenAsync(Text(arguments["token"])!, arguments["check"] is null ? TokenCheck.None : TokenCheck.Service);
                Shown.Add(claims);
                var said = new JsonObject { ["userId"] = claims.UserId, ["groups"] = new JsonArray([.. claims.Groups.Select(group => (JsonNode)group)]) };
                foreach (var (claim, content) in claims.Extra)
                {
                    said[claim] = JsonNode.Parse(content.GetRawText());
                }

                return said;
            case "events":
                return Told(static happened => happened.Name);
            case "log":
                return Told(static happened => $"{Level(happened.Level)} {happened.Name}: {happened.Message}");
            default:
                throw new NotSupportedException(command);
        }
    }

    private static JsonArray Told(Func<ApiKeyEvent, string> shown)
    {
        var told = new JsonArray();
        while (Events.TryDequeue(out var happened))
        {
            told.Add((JsonNode)shown(happened));
        }

        return told;
    }

    private static string Level(ApiKeyEventLevel level) => level == ApiKeyEventLevel.Information ? "info" : level.ToString().ToLowerInvariant();

    private static AgglestoneCalls Calls(JsonObject arguments)
    {
        AgglestoneCalls calls = Text(arguments["as_user"]) is { } userId ? Client(arguments).AsUser(userId) : Client(arguments);
        Shown.Add(calls);
        return calls;
    }

    private static AgglestoneTenantCalls Client(JsonObject arguments) =>
        client!.With(new AgglestoneCallOptions
        {
            ConnectTimeout = Seconds(arguments["connect_timeout"]),
            Timeout = Seconds(arguments["timeout"]),
            Deadline = Seconds(arguments["deadline"]),
            MaxRetries = (int?)arguments["max_retries"],
        });

    private static string UserId(JsonObject arguments) => Text(arguments["user_id"])!;

    // JSON in .NET holds no half of a surrogate pair.
    private static string? Text(JsonNode? value) => ((string?)value)?.Replace("${not_unicode}", "\ud800");

    private static AgglestoneClientOptions Options(JsonObject settings)
    {
        Events.Clear();
        var options = new AgglestoneClientOptions
        {
            OnApiKeyEvent = happened =>
            {
                Shown.Add(happened);
                Events.Enqueue(happened);
            },
        };
        foreach (var (name, value) in settings)
        {
            Action set = name switch
            {
                "tenant_id" => () => options.TenantId = Text(value),
                "api_key" => () => options.ApiKey = Text(value),
                "secondary_api_key" => () => options.SecondaryApiKey = Text(value),
                "api_key_file" => () => options.ApiKeyFile = Text(value),
                "secondary_api_key_file" => () => options.SecondaryApiKeyFile = Text(value),
                "key_source" => () => options.ApiKeySource = Source(value!.AsArray()),
                "ca_file" => () => options.CaFile = Text(value),
                "max_retries" => () => options.MaxRetries = (int?)value,
                "token_cache_size" => () => options.TokenCacheSize = (int?)value,
                "token_store" => () => options.TokenStore = Text(value),
                "token_store_key" => () => options.TokenStoreKey = Text(value),
                "audience" => () => options.Audience = Text(value),
                "clock_tolerance" => () => options.ClockTolerance = Seconds(value),
                "verify_cache_size" => () => options.VerifyCacheSize = (int?)value,
                "base_url" => () => options.BaseUrl = Text(value),
                "users_path" => () => options.UsersPath = Text(value),
                "app_name" => () => options.AppName = Text(value),
                "allow_insecure_http" => () => options.AllowInsecureHttp = (bool?)value,
                "request_log" => () => options.RequestLog = (bool?)value,
                "connect_timeout" => () => options.ConnectTimeout = Seconds(value),
                "timeout" => () => options.Timeout = Seconds(value),
                "deadline" => () => options.Deadline = Seconds(value),
                _ => throw new NotSupportedException(name),
            };
            set();
        }

        Shown.Add(options, nameof(options.ApiKey), nameof(options.SecondaryApiKey), nameof(options.TokenStore), nameof(options.TokenStoreKey));
        return options;
    }

    // Gives the answers in turn, the last one again and again.
    private static Func<CancellationToken, Task<ApiKeys>> Source(JsonArray answers)
    {
        var next = 0;
        return _ =>
        {
            var answer = answers[Math.Min(next++, answers.Count - 1)]!;
            return answer["failure"] is { } failure
                ? throw new InvalidOperationException((string)failure!)
                : Task.FromResult(new ApiKeys((string)answer["primary"]!, (string?)answer["secondary"]));
        };
    }

    private static TimeSpan? Seconds(JsonNode? value) => value is null ? null : TimeSpan.FromSeconds((double)value);

    private static AgglestoneRequest Request(JsonObject arguments)
    {
        var request = new AgglestoneRequest(new HttpMethod((string)arguments["method"]!), Text(arguments["path"])!)
        {
            // A given null is a body too.
            Json = arguments.ContainsKey("json") ? arguments["json"]?.ToJsonString() ?? "null" : null,
        };
        foreach (var (name, value) in arguments["query"] as JsonObject ?? new())
        {
            request.Query.Add(Text(name)!, Text(value)!);
        }

        foreach (var (name, value) in arguments["headers"] as JsonObject ?? new())
        {
            request.Headers.Add(Text(name)!, Text(value)!);
        }

        return request;
    }

    private static JsonObject Response(AgglestoneResponse response)
    {
        Shown.Add(response, nameof(response.Body));
        return new JsonObject
        {
            ["status"] = (int)response.StatusCode,
            ["attempts"] = response.Attempts,
            ["headers"] = new JsonObject(response.Headers.Select(header => KeyValuePair.Create(header.Key, (JsonNode?)header.Value))),
            ["json"] = response.Body.IsEmpty ? null : JsonNode.Parse(response.ReadAsString()),
        };
    }

    private static JsonObject Error(Exception problem)
    {
        var error = problem as IAgglestoneError;
        var code = error?.Code ?? AgglestoneErrorCode.Closed;
        return new JsonObject
        {
            ["code"] = (int)code,
            // NotFound is NOT_FOUND.
            ["name"] = Regex.Replace(code.ToString(), "(?<=[a-z])(?=[A-Z])", "_").ToUpperInvariant(),
            ["class"] = problem.GetType().Name,
            ["message"] = problem.Message,
            ["status"] = error?.HttpStatus,
            ["request_id"] = error?.RequestId,
            ["retry_after"] = error?.RetryAfter?.TotalSeconds,
            ["retryable"] = error?.IsRetryable ?? false,
            ["argument"] = (problem as AgglestoneArgumentException)?.ParamName,
            ["reason"] = (problem as AgglestoneInvalidTokenException)?.Reason,
            ["service_message"] = error?.ServiceMessage,
            ["attempts"] = error?.Attempts ?? 0,
        };
    }

    [DllImport("agglestone")]
    private static extern nuint agg_live_handles();
}
