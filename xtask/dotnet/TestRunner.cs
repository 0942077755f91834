// Compiled into the test assembly where no SDK is there to run `dotnet test`: runs its NUnit tests, shows those that did not
// pass, and ends with `N passed, N failed`. An argument runs only the tests whose full name contains it.
using System;
using System.Collections.Generic;
using System.Reflection;
using NUnit.Framework.Api;
using NUnit.Framework.Interfaces;
using NUnit.Framework.Internal;

internal static class TestRunner
{
    private static int Main(string[] arguments)
    {
        var runner = new NUnitTestAssemblyRunner(new DefaultTestAssemblyBuilder());
        runner.Load(Assembly.GetExecutingAssembly(), new Dictionary<string, object>());
        ITestFilter filter = arguments.Length > 0 ? new NamePart(arguments[0]) : TestFilter.Empty;
        var result = runner.Run(new Listener(Console.Out), filter);
        // An assembly that can't be loaded, or a failed set-up of a fixture without tests, has no failed test of its own.
        var failed = Math.Max(result.FailCount, result.ResultState.Status == TestStatus.Failed ? 1 : 0);
        var skipped = result.SkipCount + result.InconclusiveCount;
        Console.WriteLine($"{result.PassCount + result.WarningCount} passed, {failed} failed" + (skipped > 0 ? $", {skipped} skipped" : ""));
        return failed == 0 && result.PassCount > 0 ? 0 : 1;
    }

    private sealed class NamePart(string part) : TestFilter
    {
        public override bool Match(ITest test) => !test.IsSuite && test.FullName.Contains(part, StringComparison.OrdinalIgnoreCase);

        public override TNode AddToXml(TNode parentNode, bool recursive) => parentNode.AddElement("name", part);
    }

    // Holds on to the console, because NUnit redirects `Console.Out` while a test runs.
    private sealed class Listener(System.IO.TextWriter console) : ITestListener
    {
        public void TestStarted(ITest test)
        {
        }

        public void TestFinished(ITestResult result)
        {
            var status = result.ResultState.Status;
            if (status == TestStatus.Passed || (result.Test.IsSuite && result.ResultState.Site == FailureSite.Child))
            {
                return;
            }

            if (result.Test.IsSuite && status != TestStatus.Failed)
            {
                return;
            }

            console.WriteLine($"{status} {result.FullName} ({result.Duration:F2} s)\n{result.Message}\n{result.StackTrace}");
        }

        public void TestOutput(TestOutput output) => console.Write(output.Text);

        public void SendMessage(TestMessage message)
        {
        }
    }
}
