using System;
using System.Threading;

using Agglestone.Errors;

using static Agglestone.Native.NativeMethods;

namespace Agglestone.Native;

/// <summary>Turns the library's failures into exceptions.</summary>
internal static unsafe class NativeError
{
    // AGG_PASCAL_CASE.
    private const uint PascalCase = 2;

    /// <summary>Throws unless <paramref name="status"/> is AGG_OK. <paramref name="error"/> is freed.</summary>
    internal static void Check(uint status, nint error)
    {
        if (status != 0)
        {
            throw Take(error, CancellationToken.None);
        }
    }

    /// <summary>The exception for an agg_error, which is freed.</summary>
    /// <param name="error">The error; owned by this method.</param>
    /// <param name="token">What a cancelled call was cancelled by.</param>
    internal static Exception Take(nint error, CancellationToken token)
    {
        try
        {
            var status = agg_error_http_status(error);
            var retryAfter = agg_error_retry_after(error);
            return ExceptionTable.Create(
                new ErrorDetails
                {
                    Code = (AgglestoneErrorCode)agg_error_code(error),
                    Message = Spelt(error, &agg_error_message_in),
                    HttpStatus = status == 0 ? null : status,
                    RequestId = agg_error_request_id(error).TextOrNull,
                    RetryAfter = retryAfter < 0 ? null : TimeSpan.FromSeconds(retryAfter),
                    IsRetryable = agg_error_retryable(error) != 0,
                    ServiceMessage = agg_error_service_message(error).TextOrNull,
                    Argument = Spelt(error, &agg_error_argument_in) is { Length: > 0 } name ? name : null,
                    Reason = agg_error_reason(error).TextOrNull,
                    Problems = Problems(error),
                    Attempts = (int)agg_error_attempts(error),
                },
                token);
        }
        finally
        {
            agg_error_free(error);
        }
    }

    private static AgglestoneConfigurationProblem[] Problems(nint error)
    {
        var problems = new AgglestoneConfigurationProblem[agg_error_problem_count(error)];
        for (var number = 0; number < problems.Length; number++)
        {
            problems[number] = new(
                Spelt(error, number, &agg_error_problem_setting_in), Spelt(error, number, &agg_error_problem_reason_in));
        }

        return problems;
    }

    // A text of the error with options in Pascal case and the argument in camel case. None of this fails with arguments that
    // are right.
    private static string Spelt(nint error, delegate*<nint, uint, nint*, nint*, uint> text)
    {
        nint bytes = 0;
        _ = text(error, PascalCase, &bytes, null);
        return Take(bytes);
    }

    private static string Spelt(nint error, int number, delegate*<nint, nuint, uint, nint*, nint*, uint> text)
    {
        nint bytes = 0;
        _ = text(error, (nuint)number, PascalCase, &bytes, null);
        return Take(bytes);
    }

    private static string Take(nint bytes)
    {
        var text = agg_bytes_view(bytes).ToString();
        agg_bytes_free(bytes);
        return text;
    }
}
